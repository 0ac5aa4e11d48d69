# The syntax of schedule expressions, field by field, so that an error names the field.
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html

locals {
  # `value` and `step` are patterns; an empty step: the field has none. `forms`: what else the whole field may be.
  cron_fields = [
    { name = "minute", expected = "0-59", value = "[0-5]?[0-9]", step = "0?[1-9]|[1-5][0-9]", forms = [] },
    { name = "hour", expected = "0-23", value = "[01]?[0-9]|2[0-3]", step = "0?[1-9]|1[0-9]|2[0-3]", forms = [] },
    {
      name     = "day of month"
      expected = "1-31, L, LW, a weekday such as 15W, or ?"
      value    = "0?[1-9]|[12][0-9]|3[01]"
      step     = "0?[1-9]|[12][0-9]|3[01]"
      forms    = ["\\?", "L", "LW", "(?:0?[1-9]|[12][0-9]|3[01])W"]
    },
    {
      name     = "month"
      expected = "1-12 or JAN-DEC"
      value    = "0?[1-9]|1[0-2]|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC"
      step     = "0?[1-9]|1[0-2]"
      forms    = []
    },
    {
      name     = "day of week"
      expected = "1-7 or SUN-SAT without a step, the last such as 6L, the second such as MON#2, L or ?"
      value    = "[1-7]|SUN|MON|TUE|WED|THU|FRI|SAT"
      step     = ""
      forms    = ["\\?", "L", "(?:[1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)(?:L|#[1-5])"]
    },
    { name = "year", expected = "1970-2199", value = "19[7-9][0-9]|20[0-9]{2}|21[0-9]{2}", step = "[1-9][0-9]{0,2}", forms = [] },
  ]

  # * or a value or a range, with an optional step; a field is a comma-separated list of these
  _cron_items = [
    for field in local.cron_fields : join("", [
      "(?:\\*|(?:${field.value})(?:-(?:${field.value}))?)",
      field.step == "" ? "" : "(?:/(?:${field.step}))?",
    ])
  ]
  cron_patterns = [
    for index, item in local._cron_items :
    "(?i)^(?:${join("|", concat(["${item}(?:,${item})*"], local.cron_fields[index].forms))})$"
  ]

  at_pattern   = "^at\\(([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})\\)$"
  rate_pattern = "^rate\\((?:1 (?:minute|hour|day)|(?:[2-9]|[1-9][0-9]+) (?:minutes|hours|days))\\)$"

  # by input; only EventBridge Scheduler knows at(...)
  expressions = merge(
    { for pipeline, rule in local.scheduled_rules : "${pipeline}_schedule_expression" => {
      pipeline = pipeline, expression = rule.expression, others = [local.rate_pattern]
    } },
    { for name, schedule in local.schedules : "schedules.${name}.expression" => {
      pipeline = schedule.pipeline, expression = schedule.expression, others = [local.rate_pattern, local.at_pattern]
    } },
  )

  # the six fields of a cron expression; none of any other
  cron_pattern = "^cron\\(${join(" ", [for field in local.cron_fields : "([^ \n]*)"])}\\)$"
  cron_values  = { for input, schedule in local.expressions : input => try(regex(local.cron_pattern, schedule.expression), []) }

  _wrong_fields = {
    for input, values in local.cron_values : input => [
      for index, value in values :
      "its ${local.cron_fields[index].name} is \"${value}\", use ${local.cron_fields[index].expected}"
      if !can(regex(local.cron_patterns[index], value))
    ]
  }
  _wrong_days = {
    for input, values in local.cron_values : input =>
    length(values) > 0 && try(values[2] == "?", false) == try(values[4] == "?", false)
  }
  _wrong_forms = {
    for input, schedule in local.expressions : input =>
    length(local.cron_values[input]) == 0 && !anytrue([for pattern in schedule.others : can(regex(pattern, schedule.expression))])
  }
  # February 30 has the form of a date, and timeadd() refuses it
  _wrong_times = {
    for input, schedule in local.expressions : input =>
    can(regex(local.at_pattern, schedule.expression)) && !can(timeadd("${regex(local.at_pattern, schedule.expression)[0]}Z", "0s"))
  }

  # what is wrong with each expression; empty if nothing is
  expression_mistakes = {
    for input, schedule in local.expressions : input => compact(concat(
      [
        !local._wrong_forms[input] ? "" : join("", [
          "give cron(minute hour day-of-month month day-of-week year), rate(1 day) or rate(12 hours)",
          length(schedule.others) > 1 ? ", or at(2027-01-31T08:00:00) for one start" : "",
        ])
      ],
      local._wrong_fields[input],
      [local._wrong_days[input] ? "put a ? in exactly one of its two day fields, such as cron(0 2 ? * SUN *)" : ""],
      [local._wrong_times[input] ? "give a date and a time that exist" : ""],
    ))
  }
}
