// For programs that run the emulator within themselves; see src/service.hpp for what it is.
#pragma once

#include "../../src/service.hpp"
