"""What becomes of the site on a bad day: kills, full disks, lost connections, slow clients, a restored backup."""
