// The last value of each enumeration that stands in a column by its position, so that a number
// which is none of them is known for damage before anyone takes it for a value.
#pragma once

#include <writeback/notification.hpp>
#include <writeback/plan.hpp>
#include <writeback/store.hpp>

#include <cstdint>
#include <limits>

namespace writeback {

// Without a word here every number is a value: keys are such enumerations.
template <class Enumeration>
inline constexpr Enumeration last_of{std::numeric_limits<std::int64_t>::max()};

template <>
inline constexpr Stream last_of<Stream> = Stream::users;
template <>
inline constexpr StreamPhase last_of<StreamPhase> = StreamPhase::steady;
template <>
inline constexpr LifecycleEvent last_of<LifecycleEvent> = LifecycleEvent::unrecognised;
template <>
inline constexpr Cause last_of<Cause> = Cause::request;
template <>
inline constexpr Evidence last_of<Evidence> = Evidence::taken_over;
template <>
inline constexpr DeletionVerdict last_of<DeletionVerdict> = DeletionVerdict::held;
template <>
inline constexpr CloudState last_of<CloudState> = CloudState::deleted;
template <>
inline constexpr MemberType last_of<MemberType> = MemberType::unknown;
template <>
inline constexpr IdentityState last_of<IdentityState> = IdentityState::unknown;
template <>
inline constexpr Origin last_of<Origin> = Origin::taken_over;
template <>
inline constexpr HoldReason last_of<HoldReason> = HoldReason::unreadable;
template <>
inline constexpr Decision last_of<Decision> = Decision::rejected;
template <>
inline constexpr OperationKind last_of<OperationKind> = OperationKind::delete_group;

// Whether the number stands for a value.
template <class Enumeration>
[[nodiscard]] constexpr bool has_value(std::int64_t number) {
    return number >= 0 && number <= static_cast<std::int64_t>(last_of<Enumeration>);
}

}  // namespace writeback
