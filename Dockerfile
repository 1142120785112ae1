# One image for the servers and for the pollers: which of them it is, is its command.
FROM python:3.11-slim-bookworm AS packages
RUN python -m venv /venv
COPY requirements.lock ./
# Wheels alone: nothing is compiled, and nothing runs while it is installed.
RUN /venv/bin/pip install --no-cache-dir --disable-pip-version-check --only-binary :all: --require-hashes -r requirements.lock

FROM python:3.11-slim-bookworm
RUN groupadd --gid 10001 reelboard \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin reelboard \
    && install -d -m 0700 -o reelboard -g reelboard /data
COPY --from=packages /venv /venv
WORKDIR /srv/reelboard
COPY manage.py ./
COPY dashboard dashboard
COPY templates templates
COPY static static
COPY locale locale
COPY ops/compile-messages ops/compile-messages
COPY ops/healthcheck ops/healthcheck
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DATA_DIR=/data
RUN python -m compileall -q dashboard && python ops/compile-messages
USER 10001:10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["python", "ops/healthcheck"]
ENTRYPOINT ["python", "manage.py"]
CMD ["serve", "--host", "0.0.0.0"]
