# 用 R 读取这份导出的数据（只需要 R 本身，不需要别的包）：
#   source("read.R"); d <- read_table("responses")
# 选择题是带标签的因子（factor），多选题是用空格隔开的代码，数字题是数字；
# 没有取值的原因在 <列名>__miss 里。每列的问题原文在 attr(d$列名, "label")。
# Reads this export with R alone: choices are factors with labels, numbers are numbers, and why an answer
# is missing stands in <column>__miss. language = "en" gives English labels.

folder <- tryCatch(dirname(normalizePath(sys.frame(1)$ofile)), error = function(e) getwd())

read_text <- function(file) {
  read.csv(file.path(folder, file), colClasses = "character", fileEncoding = "@r_encoding@",
           na.strings = character(), check.names = FALSE, stringsAsFactors = FALSE)
}

read_table <- function(table = "responses", language = "zh", factors = TRUE) {
  file <- paste0(table, ".csv")
  data <- read_text(file)
  book <- read_text("codebook.csv")
  book <- book[book$file == file & book$column != "", ]
  labels <- read_text("labels.csv")
  labels <- labels[labels$file == file, ]
  for (i in seq_len(nrow(book))) {
    column <- book$column[i]
    stored <- book$stored[i]
    values <- data[[column]]
    values[values == ""] <- NA
    codes <- labels[labels$column == column, ]
    if (stored == "code" && factors && nrow(codes) > 0) {
      values <- factor(values, levels = codes$code, labels = make.unique(codes[[paste0("label_", language)]]))
    } else if (stored %in% c("code", "number", "whole", "flag")) {
      values <- as.numeric(values)
    } else if (stored == "date") {
      values <- as.Date(values)
    } else if (stored == "missing" && factors) {
      values <- factor(values, levels = codes$code)
    }
    attr(values, "label") <- book[[paste0("text_", language)]][i]
    data[[column]] <- values
  }
  data
}
