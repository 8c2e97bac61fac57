"""Tests of rounds on the phone, and of what comes back from them."""
