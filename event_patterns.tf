# The syntax of event patterns, as regular expressions for their JSON: EventBridge would refuse the others at apply.
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html

locals {
  json_string  = "\"(?:[^\"\\\\]|\\\\.)*\""
  json_strings = "${local.json_string}|\\[${local.json_string}(?:,${local.json_string})*\\]"
  json_number  = "-?[0-9][0-9.eE+-]*"
  json_numbers = "${local.json_number}|\\[${local.json_number}(?:,${local.json_number})*\\]"

  # no two * in a row, and no backslash but before * or a backslash
  wildcard  = "\"\\*?(?:(?:[^\"\\\\*]|\\\\[^\\\\]|\\\\\\\\(?:\\*|\\\\\\\\))\\*?)*\""
  wildcards = "${local.wildcard}|\\[${local.wildcard}(?:,${local.wildcard})*\\]"

  # what may follow each operator
  pattern_operators = {
    prefix             = "${local.json_string}|\\{\"equals-ignore-case\":${local.json_string}\\}"
    suffix             = "${local.json_string}|\\{\"equals-ignore-case\":${local.json_string}\\}"
    equals-ignore-case = local.json_string
    wildcard           = local.wildcard
    cidr               = "\"[0-9A-Fa-f.:]+/[0-9]{1,3}\""
    exists             = "true|false"
    numeric            = "\\[\"(?:[<>]=?|=)\",${local.json_number}\\]|\\[\">=?\",${local.json_number},\"<=?\",${local.json_number}\\]"
    anything-but = join("|", [
      local.json_strings,
      local.json_numbers,
      "\\{\"(?:prefix|suffix|equals-ignore-case)\":(?:${local.json_strings})\\}",
      "\\{\"wildcard\":(?:${local.wildcards})\\}",
    ])
  }
  _operators = join("|", [for operator, value in local.pattern_operators : "\"${operator}\":(?:${value})"])
  _value     = "(?:${local.json_string}|${local.json_number}|true|false|null|\\{(?:${local._operators})\\})"
  _list      = "/\\[${local._value}(?:,${local._value})*\\]/"

  # Lists become l and "$or": becomes r:. Then objects become o, from the inside, up to eight levels.
  _member = "(?:${local.json_string}:[lo]|r:\\[o(?:,o)+\\])"
  _object = "/\\{${local._member}(?:,${local._member})*\\}/"
  _flat_patterns = {
    for name, pattern in local.event_patterns : name =>
    replace(replace(replace(replace(pattern, "\\u003c", "<"), "\\u003e", ">"), "\"$or\":", "r:"), local._list, "l")
  }
  _shallow_patterns = {
    for name, text in local._flat_patterns : name =>
    replace(replace(replace(replace(text, local._object, "o"), local._object, "o"), local._object, "o"), local._object, "o")
  }
  _reduced_patterns = {
    for name, text in local._shallow_patterns : name =>
    replace(replace(replace(replace(text, local._object, "o"), local._object, "o"), local._object, "o"), local._object, "o")
  }
  malformed_patterns = [
    for name, text in local._reduced_patterns : name if contains(local.trigger_kinds[name], "event_pattern") && text != "o"
  ]
}
