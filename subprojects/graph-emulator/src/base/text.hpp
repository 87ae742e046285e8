// Small pure functions on text: GUIDs, encodings, splitting.
//
// Failures: decoders yield nothing for malformed input. Nothing here throws but std::bad_alloc.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace emulator {

bool is_guid(std::string_view text);
std::string lower_case(std::string_view text);
bool equal_ignoring_case(std::string_view left, std::string_view right);
/// Blanks around the text removed.
std::string_view trimmed(std::string_view text);
std::vector<std::string> split(std::string_view text, char separator);

std::string base64url(std::string_view bytes);
std::optional<std::string> base64url_decoded(std::string_view text);

/// Percent-decodes; a malformed escape stays as it is. `plus_is_blank` is the form encoding's rule.
std::string percent_decoded(std::string_view text, bool plus_is_blank);
/// Escapes everything but RFC 3986's unreserved characters and those in `kept`.
std::string percent_encoded(std::string_view text, std::string_view kept = {});

/// The SID that Entra ID derives from an object id: S-1-12-1- and its four little-endian words.
std::string cloud_security_identifier(std::string_view guid);

}  // namespace emulator
