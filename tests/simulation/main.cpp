#include "simulation/command_line.hpp"

int main(int argc, char** argv) {
    return writeback::simulation::run_command_line(argc, argv);
}
