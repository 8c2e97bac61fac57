# The site, its live streams and its worker in one image. Offered as a start: it has not been built or run by us.
FROM python:3.12-slim-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends gettext make nodejs npm && rm -rf /var/lib/apt/lists/*
RUN pip install --no-cache-dir uv
WORKDIR /site
COPY pyproject.toml uv.lock ./
RUN uv sync --frozen --no-dev
COPY . .
RUN cd static && npm ci --omit=dev && npm run vendor && rm -rf node_modules
RUN find . -name '*.po' -path '*/LC_MESSAGES/*' -not -path './.venv/*' -exec sh -c 'msgfmt -o "${1%.po}.mo" "$1"' _ {} \;
RUN DATABASE_URL=postgres://none SECRET_KEY=none PRIVACY_KEY=none .venv/bin/python manage.py collectstatic --noinput

FROM python:3.12-slim-bookworm
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core \
    && rm -rf /var/lib/apt/lists/* && useradd --system --home /site site
WORKDIR /site
COPY --from=build --chown=site /site /site
USER site
ENV PATH=/site/.venv/bin:$PATH
EXPOSE 8000 8001
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", \
     "--blocking-threads", "8", "--respawn-failed-workers", "geoparticipation.wsgi:application"]
