"""What happens below reaches visits: holds on listings, matches that end, agents who leave."""
