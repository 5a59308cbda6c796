"""Railway's public GraphQL API, as far as databases need it."""
