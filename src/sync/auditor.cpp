#include "sync/auditor.hpp"

#include <writeback/crash_point.hpp>

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

namespace writeback {

namespace {

constexpr const char* watermark_fact = "audit_watermark";  // "<number> <source>"
constexpr const char* full_audit_fact = "full_audit_at";   // milliseconds since 1970
constexpr const char* problem_topic = "audit";
constexpr std::size_t at_once = 500;
constexpr Duration idle = std::chrono::hours(1);
// A call that waits for changes ends by itself after this time.
constexpr Duration listen_for = std::chrono::seconds(20);
// A watermark that only the domain's other changes have moved is kept no more often than this:
// losing it costs one search.
constexpr Duration between_keeps = std::chrono::minutes(1);

std::optional<std::int64_t> number_in(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

}  // namespace

Auditor::Auditor(SyncPorts& ports, const BoundDirectory& bound,
                 std::function<bool(const GroupId&)> is_running, std::function<void()> found)
    : ports_(ports),
      bound_(bound),
      is_running_(std::move(is_running)),
      found_(std::move(found)),
      alarm_(ports.clock.alarm()),
      listen_alarm_(ports.clock.alarm()) {}

void Auditor::wake() {
    alarm_->ring();
    listen_alarm_->ring();
}

Async<void> Auditor::serve(std::stop_token stop) {
    while (!stop.stop_requested()) {
        if (!bound_.bound()) {
            co_await alarm_->wait_for(idle);
            continue;
        }
        co_await look_once(stop);
        if (stop.stop_requested()) co_return;
        auto wait = ports_.config.directory.change_poll;
        if (deaf_session_ != bound_.session()) wait = std::min(wait, longest_between_looks);
        co_await alarm_->wait_for(wait);
    }
}

Async<void> Auditor::listen(std::stop_token stop) {
    while (!stop.stop_requested()) {
        const auto session = bound_.session();
        if (!bound_.bound() || deaf_session_ == session) {
            co_await listen_alarm_->wait_for(idle);
            continue;
        }
        const auto changed = co_await ports_.directory.await_change(listen_for);
        if (changed) {
            if (*changed) alarm_->ring();
            continue;
        }
        if (changed.error().kind == FailureKind::refused) {
            deaf_session_ = session;
            ports_.log.write(LogLevel::info, "change-notification-unavailable",
                             {{"detail", changed.error().detail}});
            continue;
        }
        co_await listen_alarm_->wait_for(ports_.config.directory.change_poll);
    }
}

Async<void> Auditor::look_once(std::stop_token stop) {
    const auto looked = co_await look(std::move(stop));
    note(looked);
}

Async<Result<Done>> Auditor::look(std::stop_token stop) {
    if (auto read = read_watermark(); !read) co_return read;
    if (auto looked = co_await look_at_changes(); !looked) co_return looked;
    if (stop.stop_requested()) co_return Done{};
    if (auto looked = co_await look_for_missing(); !looked) co_return looked;
    co_return audit_all();
}

// --- changes ---

Result<Done> Auditor::read_watermark() {
    if (watermark_) return Done{};
    auto fact = ports_.store.fact(watermark_fact);
    if (!fact) return fact.error();
    watermark_ = Watermark{};
    if (!*fact) return Done{};
    const std::string_view text = **fact;
    const auto blank = text.find(' ');
    const auto usn = number_in(text.substr(0, blank));
    if (!usn || blank == std::string_view::npos) return Done{};
    *watermark_ = {*usn, std::string(text.substr(blank + 1))};
    kept_ = *watermark_;
    return Done{};
}

Result<Done> Auditor::keep_watermark() {
    if (kept_ == *watermark_) return Done{};
    crash_before(DurableStep::watermark);
    auto kept = ports_.store.set_fact(watermark_fact,
                                      std::to_string(watermark_->usn) + ' ' + watermark_->source);
    if (!kept) return kept;
    crash_after(DurableStep::watermark);
    kept_ = *watermark_;
    kept_at_ = ports_.clock.monotonic();
    return Done{};
}

// The numbers of one domain controller say nothing of another's: every written group is read.
Result<Done> Auditor::begin_anew(Watermark watermark) {
    auto marked = ports_.store.mark_all_written(Cause::drift, ports_.clock.now());
    if (!marked) return marked.error();
    ports_.log.write(LogLevel::info, "audit-begins-anew",
                     {{"source", watermark.source}, {"usn", watermark.usn}, {"groups", *marked}});
    *watermark_ = std::move(watermark);
    put_off_.reset();
    marked_.clear();
    if (*marked > 0) found_();
    return keep_watermark();
}

Async<Result<Done>> Auditor::look_at_changes() {
    if (watermark_->source != bound_.usn_source()) {
        if (auto begun = begin_anew({bound_.highest_usn(), bound_.usn_source()}); !begun) {
            co_return begun;
        }
    }
    auto changed = co_await ports_.directory.changed_since(watermark_->usn);
    if (!changed) co_return changed.error();
    if (changed->usn_source != watermark_->source) {
        co_return begin_anew({changed->highest_usn, changed->usn_source});
    }
    co_return take_in(*changed);
}

Result<Done> Auditor::take_in(const ChangedGroups& changed) {
    put_off_.reset();
    for (auto at = changed.groups.begin(); at != changed.groups.end();) {
        const auto count = std::min<std::ptrdiff_t>(at_once, changed.groups.end() - at);
        const std::vector<ChangedGroup> some(at, at + count);
        if (auto taken = take_in_some(some); !taken) return taken;
        at += count;
    }
    watermark_->usn = put_off_ ? *put_off_ - 1 : changed.highest_usn;
    std::erase_if(marked_, [this](const auto& one) { return one.second <= watermark_->usn; });
    const bool in_time = !kept_at_ || ports_.clock.monotonic() - *kept_at_ >= between_keeps;
    return changed.groups.empty() && !in_time ? Result<Done>(Done{}) : keep_watermark();
}

Result<Done> Auditor::take_in_some(const std::vector<ChangedGroup>& changed) {
    std::vector<ObjectGuid> guids;
    for (const auto& one : changed)
        guids.push_back(one.guid);
    auto known = ports_.store.written_by_guid(guids);
    if (!known) return known.error();
    std::map<ObjectGuid, WrittenGroup> written;
    for (auto& group : *known)
        written.emplace(group.guid, std::move(group));
    std::vector<GroupId> found;
    for (const auto& one : changed) {
        auto group = concerned(one, written);
        if (!group) return group.error();
        if (!*group) continue;
        if (is_running_(**group)) {
            put_off_ = std::min(put_off_.value_or(one.usn), one.usn);
            continue;
        }
        const auto [marked, is_new] = marked_.try_emplace(one.guid, one.usn);
        if (!is_new && marked->second == one.usn) continue;
        marked->second = one.usn;
        found.push_back(**group);
        ports_.log.write(
            LogLevel::info, "drift-found",
            {{"group", (*group)->text()}, {"dn", one.dn.text()}, {"change", "changed"}});
    }
    return mark(found);
}

Result<std::optional<GroupId>> Auditor::concerned(
    const ChangedGroup& changed, const std::map<ObjectGuid, WrittenGroup>& written) {
    const auto known = written.find(changed.guid);
    if (known != written.end()) {
        // What our own last write or read left, or left behind.
        if (changed.usn <= known->second.usn) return std::optional<GroupId>{};
        return std::optional<GroupId>{known->second.group};
    }
    if (!changed.mark) return std::optional<GroupId>{};
    // Being created just now; or another object with the mark of a group that we have written: a
    // copy, or the object itself come back.
    if (is_running_(*changed.mark)) return changed.mark;
    auto other = ports_.store.written_group(*changed.mark);
    if (!other) return other.error();
    return *other ? changed.mark : std::optional<GroupId>{};
}

// --- what changes do not tell ---

Async<Result<Done>> Auditor::look_for_missing() {
    const auto limit = ports_.config.directory.presence_check;
    if (limit <= 0) co_return Done{};
    const auto count = static_cast<std::size_t>(limit);
    auto known = ports_.store.written_after(looked_for_, count);
    if (!known) co_return known.error();
    looked_for_ = known->size() < count ? GroupId{} : known->back().group;
    if (known->empty()) co_return Done{};
    std::vector<ObjectGuid> guids;
    for (const auto& group : *known)
        guids.push_back(group.guid);
    auto existing = co_await ports_.directory.existing(std::move(guids));
    if (!existing) co_return existing.error();
    const std::set<ObjectGuid> present(existing->begin(), existing->end());
    std::vector<GroupId> missing;
    for (const auto& group : *known) {
        if (present.contains(group.guid) || is_running_(group.group)) continue;
        // What we have deleted ourselves meanwhile is not missing.
        auto still = ports_.store.written_group(group.group);
        if (!still) co_return still.error();
        if (!*still || (*still)->guid != group.guid) continue;
        missing.push_back(group.group);
        ports_.log.write(
            LogLevel::info, "drift-found",
            {{"group", group.group.text()}, {"dn", group.dn.text()}, {"change", "missing"}});
    }
    co_return mark(missing);
}

Result<Done> Auditor::audit_all() {
    const auto interval = ports_.config.directory.full_audit;
    if (interval <= Duration::zero()) return Done{};
    const auto now = ports_.clock.now();
    auto fact = ports_.store.fact(full_audit_fact);
    if (!fact) return fact.error();
    const auto last = *fact ? number_in(**fact) : std::nullopt;
    const Duration since = now.time_since_epoch() - Duration(last.value_or(0));
    // A clock that was turned back begins the interval anew.
    if (last && since >= Duration::zero() && since < interval) return Done{};
    if (last && since >= interval) {
        auto marked = ports_.store.mark_all_written(Cause::drift, now);
        if (!marked) return marked.error();
        ports_.log.write(LogLevel::info, "full-audit-begins", {{"groups", *marked}});
        if (*marked > 0) found_();
    }
    return ports_.store.set_fact(full_audit_fact, std::to_string(now.time_since_epoch().count()));
}

Result<Done> Auditor::mark(const std::vector<GroupId>& groups) {
    if (groups.empty()) return Done{};
    std::vector<Mark> marks;
    for (const auto& group : groups) {
        Mark mark;
        mark.group = group;
        mark.cause = Cause::drift;
        mark.whole = true;
        mark.read_first = true;
        marks.push_back(std::move(mark));
    }
    if (auto marked = ports_.store.mark(marks, ports_.clock.now()); !marked) return marked;
    found_();
    return Done{};
}

void Auditor::note(const Result<Done>& done) {
    if (done) {
        if (ports_.live.clear_problem(problem_topic)) {
            ports_.log.write(LogLevel::info, "audit-goes-on", {});
        }
        return;
    }
    const auto& failed = done.error();
    if (failed.kind == FailureKind::cancelled) return;
    if (!ports_.live.set_problem(problem_topic, failed.detail)) return;
    ports_.log.write(
        LogLevel::warning, "audit-failed",
        {{"failure", name_of(failed.kind)}, {"code", failed.code}, {"detail", failed.detail}});
}

}  // namespace writeback
