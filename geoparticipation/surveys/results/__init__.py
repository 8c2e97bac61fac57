"""What people answered: counts kept by the database, what of them the public may read, tables, charts and files."""
