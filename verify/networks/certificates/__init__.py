"""Certificates for the kernel: trees for cases, proofs for statements, other encodings."""
