# One file for every service: docker build --build-arg APP=gateway .
ARG NODE=node:24-slim

# Everything is built once, whichever service is asked for.
FROM ${NODE} AS built
ENV TURBO_TELEMETRY_DISABLED=1
WORKDIR /repo
COPY . .
RUN npm ci --no-audit --no-fund && npm run build

# The part of the repository that one service needs.
FROM built AS pruned
ARG APP
RUN node deploy/docker/only-production.mjs && npx turbo prune "@millrace/${APP}" --docker --use-gitignore=false

FROM ${NODE} AS dependencies
WORKDIR /app
COPY --from=pruned /repo/out/json/ ./
ARG APP
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund --workspace="apps/${APP}" --include-workspace-root=false

FROM ${NODE}
ARG APP
ENV NODE_ENV=production
COPY --from=dependencies /app /app
COPY --from=pruned /repo/out/full/ /app/
WORKDIR /app/apps/${APP}
# The one folder that a service may write to; a volume that is mounted here belongs to it.
RUN install -d -o node -g node /var/lib/millrace
USER node
# Each service's own port, so that the health check needs no other word.
ARG PORT=8080
ENV PORT=${PORT}
EXPOSE ${PORT}
HEALTHCHECK --interval=3s --timeout=3s --start-period=30s --retries=10 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.HEALTH_PORT || process.env.PORT}/health/ready`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/main.js"]
