"""Credentials and key pools; stands alone and knows nothing of courses."""
