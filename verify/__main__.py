"""`python -m verify` is the command `verify`."""

from verify.cli.main import main

main()
