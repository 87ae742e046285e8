// `functions`: the page of the mapping language, made of the tables that implement it.
#include "commands/commands.hpp"
#include "core/expression_reference.hpp"

#include <iostream>

namespace writeback {

int run_functions() {
    std::cout << expression_reference();
    return exit_done;
}

}  // namespace writeback
