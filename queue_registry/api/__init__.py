"""The register for other systems, below /api/v1/: `docs/api.md` says what each address answers."""
