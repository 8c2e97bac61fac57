"""What `make demo` fills a real town with: people, consultations, and things they might well say there."""
