"""Offers of help, missions and associations, and how they find one another."""
