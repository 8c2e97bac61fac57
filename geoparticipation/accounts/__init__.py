"""People: users, identity levels, roles, devices."""
