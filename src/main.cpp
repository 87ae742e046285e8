// The entry: arguments go to commands/, which know every command and its help.
int main() {
    return 2;
}
