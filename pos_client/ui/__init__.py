"""The checkout window: Qt and nothing but Qt. It builds, binds and forwards; services decide."""
