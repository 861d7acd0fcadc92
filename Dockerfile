# Dispatch with its dashboard. compose.yaml runs it; by hand:
#
#   docker build -t dispatch .
#   docker run -p 127.0.0.1:4000:4000 -v dispatch-data:/app/data --stop-timeout 100 dispatch
#
# The first account needs the set-up token that is printed at start (docker logs): for Dispatch its maker is not on this machine.
ARG NODE_VERSION=20

FROM node:${NODE_VERSION}-bookworm-slim AS build
# For better-sqlite3, where no ready-made binary can be fetched.
RUN apt-get update && apt-get install -y --no-install-recommends python3 make g++ && rm -rf /var/lib/apt/lists/*
WORKDIR /app
# Packages first: they change less often than the sources.
COPY package.json package-lock.json .npmrc ./
COPY dispatch-contract/package.json dispatch-contract/
COPY dispatch-client/package.json dispatch-client/
COPY dispatch-backend/package.json dispatch-backend/
COPY dispatch-web/package.json dispatch-web/
RUN npm ci
COPY . .
RUN npm run build && npm prune --omit=dev

FROM node:${NODE_VERSION}-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0
WORKDIR /app
# Root's, so that the server cannot change itself. Only its data is its own.
COPY --from=build /app ./
RUN mkdir data && chown node:node data
USER node
VOLUME /app/data
EXPOSE 4000
# Whether it lives; not whether its database answers: a restart would not mend that.
HEALTHCHECK --interval=15s --timeout=5s --start-period=90s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 4000}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dispatch-backend/dist/main.js"]
