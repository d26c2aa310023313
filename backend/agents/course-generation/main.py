"""Starts the service on port 8008; `backend/.env` is read. The same as `coursewright serve`."""

from coursewright.cli import main

if __name__ == "__main__":
    main(["serve", "--port", "8008"])
