"""OpenStreetMap extracts: streets, addresses, districts and ground."""
