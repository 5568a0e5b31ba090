# One image for the four services and the rlaas command; what runs is chosen by the command. The tree of the workspace
# is kept as it is: Node takes the types off the sources as it loads them, and refuses to do so below node_modules.
ARG NODE_IMAGE=node:24.21.0-bookworm-slim

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY apps/gateway/package.json apps/gateway/
COPY apps/collector/package.json apps/collector/
COPY apps/reward/package.json apps/reward/
COPY apps/trainer/package.json apps/trainer/
COPY packages/cli/package.json packages/cli/
COPY packages/database/package.json packages/database/
COPY packages/learning/package.json packages/learning/
COPY packages/object-store/package.json packages/object-store/
COPY packages/schemas/package.json packages/schemas/
COPY packages/service/package.json packages/service/
# Without testkit, which only tests use: npm would install its packages in spite of --omit=dev, Docker's client among them.
# Optional packages are the project's own Node and the embedded Postgres: the image has the one and needs not the other.
RUN npm ci --omit=dev --omit=optional --loglevel=error \
      --workspace=apps/gateway --workspace=apps/collector --workspace=apps/reward --workspace=apps/trainer \
      --workspace=packages/cli

FROM ${NODE_IMAGE}
ENV NODE_ENV=production HOST=0.0.0.0 METRICS_HOST=0.0.0.0 STATE_DIR=/state
WORKDIR /app
RUN install -d -o node -g node -m 0700 /state
# With the node_modules of single packages, which hold what others need in another version.
COPY --from=dependencies /app ./
COPY config/db config/db
COPY packages packages
COPY apps apps
USER node
CMD ["node", "packages/cli/src/main.ts", "--help"]
