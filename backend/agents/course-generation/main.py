"""Starts the service on port 8008; `backend/.env` is read. The same as `coursewright serve`."""

from coursewright.cli.app import app

if __name__ == "__main__":
    app(["serve", "--port", "8008"])
