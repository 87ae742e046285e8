// The catalogue of properties: what each kind of object has, what is returned when, and what may be
// written.
//
// Failures: check_properties names the first property that Graph would refuse. Limits: text lengths
// as documented. Threads: immutable tables.
#pragma once

#include "../base/json.hpp"
#include "../base/result.hpp"
#include "object.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace emulator {

enum class ValueType : std::uint8_t { text, flag, list, record, time };

/// When a property is returned that nobody selected.
enum class Returned : std::uint8_t {
    always,
    on_select,      ///< only where $select names it
    outside_store,  ///< kept by Exchange or SharePoint: only on GET of one object, and never
                    ///< tracked
};

struct Property {
    std::string_view name;
    ValueType type;
    Returned returned = Returned::always;
    bool beta_only = false;
    bool read_only = false;
    std::size_t longest = 0;  ///< characters; 0 is no limit
};

std::span<const Property> properties_of(Kind kind);
const Property* find_property(Kind kind, std::string_view name);

/// "extension_<32 hexadecimal digits>_<name>": a directory extension, which any object may have.
bool is_directory_extension(std::string_view name);
/// Whether such an object can have a property of that name.
bool has_property(Kind kind, std::string_view name);

/// Checks the body of a POST or PATCH. Annotations and bind keys ("@odata") are the caller's.
Verdict check_properties(Kind kind, const json::object& values, bool beta);

/// What an unset property looks like in a full representation.
json::value value_when_unset(const Property& property);

}  // namespace emulator
