"""What happens below reaches people's profiles, matches and conversations."""
