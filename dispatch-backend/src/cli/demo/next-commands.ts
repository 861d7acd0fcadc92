/** What to type next, three commands of it. */
export function nextCommands({ url, isThrowaway }: { url: string; isThrowaway: boolean }): string[] {
  const commands = isThrowaway
    ? [
        'ALLOW_PRIVATE_WEBHOOKS=true npm start',
        'npx dispatch user create you@example.com && export DISPATCH_API_KEY=$(npx dispatch key create you@example.com)',
        'npx dispatch jobs create --title Hello --url http://localhost:5000/hooks/hello --in 10s',
      ]
    : [
        `export DISPATCH_URL=${url} DISPATCH_API_KEY=sk_…`,
        'npx dispatch jobs create --title Hello --url https://your-app.example.com/hooks/hello --in 10s',
        'npx dispatch jobs list',
      ]
  return commands.map((command) => `  ${command}`)
}
