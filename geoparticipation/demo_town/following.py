"""What the demo's commune promised, and how far it is with the ideas that people support."""

from __future__ import annotations


# Days ago: taken up, studied, answered; then what was decided and how far it is. None has not come yet.
