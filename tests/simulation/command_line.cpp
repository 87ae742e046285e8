#include "simulation/command_line.hpp"

#include "simulation/history.hpp"
#include "simulation/planted.hpp"
#include "simulation/trace.hpp"
#include "simulation/workers.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <optional>
#include <string>
#include <thread>

namespace writeback::simulation {

namespace {

constexpr int ok = 0;
constexpr int violated = 1;
constexpr int wrong_usage = 2;

struct Seeds {
    std::uint64_t first = 1;
    std::uint64_t last = 1000;
};

struct Options {
    std::string seeds;
    std::optional<std::uint64_t> replay;
    bool trace = false;
    bool list_plants = false;
    std::string plant;
    bool all_plants = false;
    int jobs = 1;
};

std::optional<std::uint64_t> number_of(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

// "1..1000", or one seed.
std::optional<Seeds> seeds_of(std::string_view text) {
    if (text.empty()) return Seeds{};
    const auto dots = text.find("..");
    const auto first = number_of(text.substr(0, dots));
    const auto last = dots == std::string_view::npos ? first : number_of(text.substr(dots + 2));
    if (!first || !last || *last < *first) return std::nullopt;
    return Seeds{*first, *last};
}

Verdict run_quietly(std::uint64_t seed) {
    Trace trace(false);
    return run_history(seed, trace);
}

void tell_violation(const Verdict& verdict, const std::string& plant) {
    const std::string with_plant = plant.empty() ? "" : " --plant " + plant;
    std::printf("seed %llu violates %s: %s\n  build/tests/simulation --replay %llu --trace%s\n",
                static_cast<unsigned long long>(verdict.seed), verdict.broken.c_str(),
                verdict.sentence.c_str(), static_cast<unsigned long long>(verdict.seed),
                with_plant.c_str());
    std::fflush(stdout);
}

// Sums over all histories that were run.
struct Sums {
    std::uint64_t histories = 0, violated = 0, events = 0, hash = 0;
    std::int64_t seconds = 0, lives = 0, writes = 0;

    void add(const Verdict& verdict) {
        ++histories;
        violated += verdict.violated() ? 1 : 0;
        events += verdict.events;
        hash = (hash ^ verdict.hash) * 0xff51afd7ed558ccdU;
        hash ^= hash >> 32U;
        seconds += verdict.seconds;
        lives += verdict.lives;
        writes += verdict.writes;
    }
    void tell() const {
        std::printf(
            "%llu histories of %.1f days in all, %lld processes, %lld writes, %llu events, "
            "%llu violations, hash %s\n",
            static_cast<unsigned long long>(histories), static_cast<double>(seconds) / 86'400,
            static_cast<long long>(lives), static_cast<long long>(writes),
            static_cast<unsigned long long>(events), static_cast<unsigned long long>(violated),
            hash_text(hash).c_str());
    }
};

int run_seeds(const Options& options, const Seeds& seeds) {
    Workers workers(options.jobs, run_quietly);
    Sums sums;
    workers.run(seeds.first, seeds.last, [&](const Verdict& verdict) {
        sums.add(verdict);
        if (verdict.violated()) tell_violation(verdict, "");
        return true;
    });
    sums.tell();
    return sums.violated == 0 ? ok : violated;
}

bool choose(const std::string& name) {
    const auto& all = plants();
    const bool known =
        std::any_of(all.begin(), all.end(), [&](const Plant& plant) { return plant.name == name; });
    if (known) {
        plant_bug(name);
    } else {
        std::fprintf(stderr, "There is no plant \"%s\"; --list-plants names them.\n", name.c_str());
    }
    return known;
}

int replay(const Options& options) {
    if (!options.plant.empty() && !choose(options.plant)) return wrong_usage;
    Trace trace(options.trace);
    const Verdict verdict = run_history(*options.replay, trace);
    std::printf("seed %llu: %llu events in %lld s, %lld processes, %lld writes, hash %s\n",
                static_cast<unsigned long long>(verdict.seed),
                static_cast<unsigned long long>(verdict.events),
                static_cast<long long>(verdict.seconds), static_cast<long long>(verdict.lives),
                static_cast<long long>(verdict.writes), hash_text(verdict.hash).c_str());
    if (!verdict.violated()) return ok;
    tell_violation(verdict, options.plant);
    return violated;
}

// The first seed that finds the planted bug.
std::optional<Verdict> find_plant(const Options& options, const Seeds& seeds) {
    Workers workers(options.jobs, run_quietly);
    std::optional<Verdict> found;
    workers.run(seeds.first, seeds.last, [&](const Verdict& verdict) {
        if (verdict.violated()) found = verdict;
        return !found;
    });
    return found;
}

int run_plant(const Options& options, const Seeds& seeds) {
    if (!choose(options.plant)) return wrong_usage;
    const auto found = find_plant(options, seeds);
    if (!found) {
        std::printf("%s: not found by seeds %llu..%llu\n", options.plant.c_str(),
                    static_cast<unsigned long long>(seeds.first),
                    static_cast<unsigned long long>(seeds.last));
        return ok;
    }
    tell_violation(*found, options.plant);
    return violated;
}

int run_all_plants(const Options& options, const Seeds& seeds) {
    int missed = 0;
    std::printf("%-36s %6s  %s\n", "plant", "seed", "found by");
    for (const Plant& plant : plants()) {
        plant_bug(plant.name);
        const auto found = find_plant(options, seeds);
        if (!found) ++missed;
        std::printf("%-36s %6s  %s\n", plant.name.c_str(),
                    found ? std::to_string(found->seed).c_str() : "missed",
                    found ? found->broken.c_str() : "-");
        std::fflush(stdout);
    }
    std::printf("%zu plants, %d missed\n", plants().size(), missed);
    return missed == 0 ? ok : violated;
}

int list_plants() {
    for (const Plant& plant : plants()) {
        std::printf("%s\t%s\n", plant.name.c_str(), plant.sentence.c_str());
    }
    return ok;
}

int carry_out(const Options& options) {
    const auto seeds = seeds_of(options.seeds);
    if (!seeds || options.jobs < 1) {
        std::fprintf(stderr, "--seeds is A..B, as in 1..1000, and --jobs at least 1.\n");
        return wrong_usage;
    }
    if (options.list_plants) return list_plants();
    if (options.replay) return replay(options);
    if (options.all_plants) return run_all_plants(options, *seeds);
    if (!options.plant.empty()) return run_plant(options, *seeds);
    if (!options.seeds.empty()) return run_seeds(options, *seeds);
    std::fprintf(stderr, "One of --seeds, --replay, --list-plants, --plant, --all-plants.\n");
    return wrong_usage;
}

}  // namespace

int run_command_line(int argc, const char* const* argv) {
    CLI::App app("Histories of the whole daemon on models, one seed each.");
    Options options;
    options.jobs = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    app.add_option("--seeds", options.seeds, "A..B: the histories to run");
    app.add_option("--replay", options.replay, "one history");
    app.add_flag("--trace", options.trace, "prints every event of a replayed history");
    app.add_flag("--list-plants", options.list_plants, "the planted bugs");
    app.add_option("--plant", options.plant, "runs with this bug planted, until a seed finds it");
    app.add_flag("--all-plants", options.all_plants, "each planted bug in turn");
    app.add_option("--jobs", options.jobs, "worker processes");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? ok : wrong_usage;
    }
    return carry_out(options);
}

}  // namespace writeback::simulation
