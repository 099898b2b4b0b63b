-- The Z report's number stands on its shift: 1, 2, 3 … over every series of this file.
ALTER TABLE shift ADD COLUMN z_number INTEGER;
CREATE UNIQUE INDEX shift_z_number ON shift (z_number) WHERE z_number IS NOT NULL;
