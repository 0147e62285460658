"""The facts about charms: profiles, endpoints, options, resources and release tables."""
