"""Variants of a plan, compared place by place."""
