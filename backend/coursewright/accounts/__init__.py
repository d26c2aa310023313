"""Who may sign in, and how it is proved: passwords, sessions, tokens of Supabase."""
