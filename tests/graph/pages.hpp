// Pages as the scripted peer answers them.
#pragma once

#include "cloud.hpp"

#include <string>

namespace pages {

using scripted::Question;
using scripted::Reply;

inline constexpr const char* g1 = "10000000-0000-0000-0000-00000000000a";
inline constexpr const char* u1 = "20000000-0000-0000-0000-000000000001";

inline std::string page(const std::string& items, const std::string& kind,
                        const std::string& link) {
    return "{\"value\":[" + items + "],\"@odata." + kind + "Link\":\"" + link + "\"}";
}

// The peer's own address is only known from the question.
inline std::string at(const Question& question, const std::string& target) {
    return "http://" + question.header("Host") + target;
}

inline Reply delta_end(const Question& question) {
    return scripted::answer(200,
                            page("", "delta", at(question, "/v1.0/groups/delta?$deltatoken=d")));
}

}  // namespace pages
