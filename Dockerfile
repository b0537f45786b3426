FROM python:3.11.14-slim-bookworm

ENV PYTHONUNBUFFERED=1 PIP_DISABLE_PIP_VERSION_CHECK=1 DJANGO_SETTINGS_MODULE=housing_queue.settings

RUN useradd --system --uid 10001 --home-dir /app kezek \
    && mkdir -p /app /var/lib/kezek \
    && chown kezek /var/lib/kezek

WORKDIR /app

# The packages first: they change less often than the code.
COPY requirements.txt tools/uv.txt ./
RUN pip install --no-cache-dir --require-hashes -r uv.txt \
    && uv pip install --system --no-cache --require-hashes --compile-bytecode -r requirements.txt

COPY . .
# Translations are compiled here, where the folder can be written; the containers' own is read-only.
RUN python -m tools.translations compile && python -m compileall -q allocation housing_queue integrations queue_registry tools

USER 10001
VOLUME /var/lib/kezek
EXPOSE 8000
CMD ["python", "-m", "gunicorn", "housing_queue.wsgi", "--workers", "2", "--bind", "0.0.0.0:8000", "--worker-tmp-dir", "/tmp"]
