-- Language models and what they were asked.
CREATE TABLE ai_ml.ollama_models (
    model_id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    device_id UUID REFERENCES infrastructure.devices (device_id) ON DELETE CASCADE,
    model_name VARCHAR(255) NOT NULL,
    model_tag VARCHAR(100) DEFAULT 'latest',
    base_model VARCHAR(255),
    size_bytes BIGINT,
    parameter_count BIGINT,
    quantization VARCHAR(50),
    purpose TEXT,
    modelfile TEXT,
    system_prompt TEXT,
    temperature NUMERIC,
    created_at TIMESTAMPTZ DEFAULT now(),
    updated_at TIMESTAMPTZ DEFAULT now(),
    notes TEXT
);

CREATE TABLE ai_ml.model_inference_log (
    inference_id BIGSERIAL,
    "timestamp" TIMESTAMPTZ NOT NULL DEFAULT now(),
    -- RESTRICT: history outlives the inventory.
    model_id UUID REFERENCES ai_ml.ollama_models (model_id) ON DELETE RESTRICT,
    prompt_tokens INTEGER,
    completion_tokens INTEGER,
    total_tokens INTEGER,
    inference_time_ms INTEGER,
    tokens_per_second NUMERIC,
    input_preview TEXT,
    output_preview TEXT,
    success BOOLEAN DEFAULT true,
    error_message TEXT,
    metadata JSONB,
    PRIMARY KEY (inference_id, "timestamp")
) PARTITION BY RANGE ("timestamp");
