"""Tests of the authorization server that ships in the package."""
