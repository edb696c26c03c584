"""``python -m unsaid`` is the command ``unsaid``."""

from unsaid.cli import main

if __name__ == "__main__":
    main()
