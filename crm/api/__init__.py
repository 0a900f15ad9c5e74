"""What every endpoint has in common: who calls, what is refused and how, pages, versions, repetitions."""
