"""`python -m coursewright` is `coursewright`."""

from coursewright.cli import main

if __name__ == "__main__":
    main()
