// Prints every crash point, one a line, for the story that passes them.
#include <writeback/crash_point.hpp>

#include <iostream>

int main() {
    for (std::size_t i = 1; i < writeback::durable_steps.size(); ++i)
        for (const char* side : {"before-", "after-"})
            std::cout << side << writeback::durable_steps[i] << "\n";
}
