-- The codes of a waveform in pieces, each compressed by the server and held against its checksum: a hundred million of
-- them are written and read piece by piece. The waveform's own row keeps the checksum of them all, also once its codes
-- have gone for their age.
CREATE TABLE scpi_run.waveform_codes (
    waveform_id UUID NOT NULL REFERENCES scpi_run.waveforms (id) ON DELETE RESTRICT,
    piece INTEGER NOT NULL CHECK (piece >= 0),
    -- Counted from 0.
    first_sample BIGINT NOT NULL CHECK (first_sample >= 0),
    samples INTEGER NOT NULL CHECK (samples >= 0),
    codes BYTEA NOT NULL,
    sha256 BYTEA NOT NULL,
    PRIMARY KEY (waveform_id, piece),
    CONSTRAINT waveform_codes_checksum CHECK (sha256 = sha256(codes))
);

ALTER TABLE scpi_run.waveforms
ADD COLUMN samples BIGINT,
ADD COLUMN codes_sha256 BYTEA CHECK (length(codes_sha256) = 32),
ADD COLUMN codes_dropped_at TIMESTAMPTZ;

INSERT INTO scpi_run.waveform_codes (waveform_id, piece, first_sample, samples, codes, sha256)
SELECT id, piece, piece * 131072::bigint, length(part) / width, part, sha256(part)
FROM (
    SELECT id, CASE WHEN format IN ('i8', 'u8') THEN 1 ELSE 2 END AS width, codes FROM scpi_run.waveforms
) AS whole
CROSS JOIN LATERAL generate_series(0, (length(codes) - 1) / (131072 * width)) AS piece
CROSS JOIN LATERAL substring(codes FROM piece * 131072 * width + 1 FOR 131072 * width) AS part
WHERE length(part) > 0;

UPDATE scpi_run.waveforms SET
    samples = length(codes) / CASE WHEN format IN ('i8', 'u8') THEN 1 ELSE 2 END,
    codes_sha256 = sha256(codes);

ALTER TABLE scpi_run.waveforms
ALTER COLUMN samples SET NOT NULL,
ALTER COLUMN codes_sha256 SET NOT NULL,
DROP COLUMN codes;

CREATE INDEX idx_waveforms_captured ON scpi_run.waveforms (captured_at) WHERE codes_dropped_at IS NULL;

-- Samples over time: all of them, or `sample_count` from `first_sample` on, counted from 0. Exact.
CREATE FUNCTION scpi_run.waveform_samples(
    waveform_id uuid, first_sample bigint DEFAULT 0, sample_count bigint DEFAULT NULL
) RETURNS TABLE (sample bigint, seconds numeric, value numeric)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT part.first + at, (part.first + at - wave.x_reference) * wave.x_increment + wave.x_origin,
        (CASE wave.format
            WHEN 'u8' THEN get_byte(part.bytes, at)
            WHEN 'i8' THEN (get_byte(part.bytes, at) # 128) - 128
            WHEN 'u16_le' THEN get_byte(part.bytes, 2 * at) + 256 * get_byte(part.bytes, 2 * at + 1)
            WHEN 'u16_be' THEN 256 * get_byte(part.bytes, 2 * at) + get_byte(part.bytes, 2 * at + 1)
            WHEN 'i16_le' THEN ((get_byte(part.bytes, 2 * at) + 256 * get_byte(part.bytes, 2 * at + 1)) # 32768) - 32768
            WHEN 'i16_be' THEN ((256 * get_byte(part.bytes, 2 * at) + get_byte(part.bytes, 2 * at + 1)) # 32768) - 32768
        END - wave.y_zero) * wave.y_increment + wave.y_offset
    FROM scpi_run.waveforms AS wave
    CROSS JOIN LATERAL (
        -- Joined to nothing, so that a piece is unpacked once and not for each sample.
        SELECT piece.first_sample AS first, piece.samples AS count, piece.codes || ''::bytea AS bytes
        FROM scpi_run.waveform_codes AS piece
        WHERE piece.waveform_id = wave.id
        AND piece.first_sample + piece.samples > greatest($2, 0)
        AND piece.first_sample < coalesce(greatest($2, 0) + $3, wave.samples)
        ORDER BY piece.piece
        OFFSET 0
    ) AS part
    CROSS JOIN LATERAL generate_series(
        greatest(0, $2 - part.first)::integer,
        least(part.count, coalesce(greatest($2, 0) + $3, wave.samples) - part.first)::integer - 1
    ) AS at
    WHERE wave.id = $1
$$;
REVOKE EXECUTE ON FUNCTION scpi_run.waveform_samples(uuid, bigint, bigint) FROM PUBLIC;

-- For drawing: the lowest and the highest sample of each of at most `columns` spans of time.
CREATE FUNCTION scpi_run.waveform_envelope(waveform_id uuid, columns integer DEFAULT 1000)
RETURNS TABLE (seconds numeric, lowest numeric, highest numeric)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT min(one.seconds), min(one.value), max(one.value)
    FROM scpi_run.waveforms AS wave
    CROSS JOIN LATERAL scpi_run.waveform_samples(wave.id) AS one
    WHERE wave.id = $1
    GROUP BY one.sample / greatest(1, (wave.samples + $2 - 1) / greatest($2, 1))
    ORDER BY 1
$$;
REVOKE EXECUTE ON FUNCTION scpi_run.waveform_envelope(uuid, integer) FROM PUBLIC;
