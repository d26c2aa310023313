"""What the built-in author needs: finding sentences, terms and definitions, and arranging them."""
