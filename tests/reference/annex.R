# Numbers for the technical annex from R 4.2 with psych, sandwich and survey (Debian: r-base-core r-cran-psych
# r-cran-sandwich r-cran-survey). Run: Rscript tests/reference/annex.R > tests/reference/annex.json
# R is not needed to run the tests.
suppressPackageStartupMessages({library(psych); library(sandwich); library(survey)})
set.seed(20261121)
num <- function(x) paste0("[", paste(sprintf("%.12g", x), collapse = ", "), "]")
rows <- function(m) paste0("[", paste(apply(m, 1, num), collapse = ", "), "]")
likert <- function(n, k, load) {
  f <- rnorm(n)
  sapply(seq_len(k), function(j) pmin(5, pmax(1, round(3 + 1.1 * (load[j] * f + sqrt(1 - load[j]^2) * rnorm(n))))))
}

# alpha, corrected item-total correlation, omega of a one-factor minres solution on the correlations, put back on the
# scale of the raw items
reliable <- function(m) {
  a <- suppressWarnings(psych::alpha(m, check.keys = FALSE))
  f <- psych::fa(cor(m), nfactors = 1, fm = "minres", n.obs = nrow(m), min.err = 1e-8)
  s <- apply(m, 2, sd); l <- as.numeric(f$loadings) * s
  l <- l * sign(sum(l))
  w <- sum(l)^2 / (sum(l)^2 + sum(s^2 - l^2))
  sprintf('    {"rows": %s, "alpha": %.10f, "item_rest": %s, "omega": %.10f}', rows(m), a$total$raw_alpha, num(a$item.stats$r.drop), w)
}
scales <- c(reliable(likert(60, 3, c(.8, .7, .6))), reliable(likert(120, 4, c(.5, .6, .7, .8))), reliable(likert(90, 6, c(.4, .5, .6, .6, .7, .8))), reliable(likert(200, 5, c(.3, .4, .5, .6, .7))))

# Cohen's kappa
kap <- function(n, p) {
  a <- sample(1:4, n, TRUE); b <- ifelse(runif(n) < p, a, sample(1:4, n, TRUE))
  sprintf('    {"a": %s, "b": %s, "kappa": %.12f}', num(a), num(b), psych::cohen.kappa(cbind(a, b))$kappa)
}
kappas <- c(kap(20, .8), kap(50, .5), kap(12, .95))

# cluster-robust standard error of a mean: HC0 summed by cluster, times G / (G - 1)
cl <- function(g, m) {
  id <- rep(seq_len(g), times = sample(2:m, g, TRUE)); y <- round(50 + 10 * rnorm(g)[id] + 12 * rnorm(length(id)), 1)
  fit <- lm(y ~ 1)
  se <- sqrt(vcovCL(fit, cluster = id, type = "HC0", cadjust = TRUE)[1, 1])
  t <- qt(.975, g - 1)
  sprintf('    {"y": %s, "id": %s, "mean": %.12f, "se": %.12f, "lo": %.12f, "hi": %.12f}', num(y), num(id), mean(y), se, mean(y) - t * se, mean(y) + t * se)
}
clusters <- c(cl(6, 9), cl(12, 15), cl(30, 6))

# cluster-robust ratio of sums: svyratio with the clusters as sampling units
cr <- function(g, m) {
  id <- rep(seq_len(g), times = sample(2:m, g, TRUE)); x <- sample(1:8, length(id), TRUE); y <- rbinom(length(id), x, .4)
  d <- svydesign(ids = ~id, weights = ~1, data = data.frame(id, x, y))
  r <- svyratio(~y, ~x, d)
  sprintf('    {"y": %s, "x": %s, "id": %s, "ratio": %.12f, "se": %.12f}', num(y), num(x), num(id), 100 * coef(r)[[1]], 100 * SE(r)[[1]])
}
ratios <- c(cr(8, 9), cr(15, 6))

# raking to two margins, Kish's design effect, weighted mean, share and ratio with linearised errors
rk <- function(n) {
  a <- sample(1:3, n, TRUE, c(.5, .3, .2)); b <- sample(1:2, n, TRUE, c(.6, .4))
  y <- round(40 + 6 * a - 4 * b + 9 * rnorm(n), 1); k <- rbinom(n, 1, .2 + .1 * a); x <- sample(1:5, n, TRUE); z <- rbinom(n, x, .5)
  d <- data.frame(a, b, y, k, x, z)
  pa <- data.frame(a = 1:3, Freq = c(300, 400, 300)); pb <- data.frame(b = 1:2, Freq = c(450, 550))
  des <- rake(svydesign(ids = ~1, weights = ~1, data = d), list(~a, ~b), list(pa, pb), control = list(maxit = 500, epsilon = 1e-9))
  w <- weights(des) / mean(weights(des))
  plain <- svydesign(ids = ~1, weights = ~w, data = cbind(d, w))
  m <- svymean(~y, plain); s <- svymean(~k, plain); r <- svyratio(~z, ~x, plain)
  sprintf('    {"a": %s, "b": %s, "pa": %s, "pb": %s, "w": %s, "deff": %.12f, "n_eff": %.12f, "y": %s, "mean": %.12f, "mean_se": %.12f, "k": %s, "share": %.12f, "share_se": %.12f, "x": %s, "z": %s, "ratio": %.12f, "ratio_se": %.12f}',
    num(a), num(b), num(pa$Freq), num(pb$Freq), num(w), n * sum(w^2) / sum(w)^2, sum(w)^2 / sum(w^2), num(y), coef(m)[[1]], SE(m)[[1]], num(k), 100 * coef(s)[[1]], 100 * SE(s)[[1]], num(x), num(z), 100 * coef(r)[[1]], 100 * SE(r)[[1]])
}
rakes <- c(rk(60), rk(150))
part <- function(name, lines) paste0('  "', name, '": [\n', paste(lines, collapse = ",\n"), "\n  ]")
cat("{\n", paste(c(part("scales", scales), part("kappas", kappas), part("clusters", clusters), part("ratios", ratios), part("rakes", rakes)), collapse = ",\n"), "\n}\n", sep = "")
